import { connect } from "node:net";

/**
 * Sends a message to a server over a socket, and returns everything that it answers until it closes the connection.
 *
 * @param message in UTF-8 when it is a text
 */
export function sendRaw(url: string, message: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    let answer = "";
    socket.on("data", (data) => {
      answer += data.toString();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", (error) => (answer === "" ? reject(error) : undefined));
    socket.write(message);
  });
}

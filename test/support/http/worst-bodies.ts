// Makes the bodies that cost a validator the most, from the schema that it checks them with.

/** A JSON Schema as the OpenAPI document has it, as far as this file reads it. */
export type BodySchema = Readonly<{
  $ref?: string;
  properties?: Readonly<Record<string, BodySchema>>;
  examples?: readonly unknown[];
  type?: string | readonly string[];
  enum?: readonly unknown[];
}>;

/** The largest body that a gateway reads. */
const bytesMax = 16 * 1024;
/** Less than the maximum: the rest of the body must fit, too. */
const partBytes = bytesMax - 1_024;

/** Bodies of up to 16 KiB with a name: as a whole, and in the place of each field, beside valid other fields. */
export function worstBodies({ properties = {} }: BodySchema): [string, string][] {
  const fields = Object.entries(properties);
  const valid = Object.fromEntries(fields.map(([name, field]) => [name, exampleOf(field)]));
  const bodies: [string, string][] = worstValues().map(([how, value]) => [how, value]);
  for (const [name] of fields) {
    for (const [how, value] of worstValues()) {
      // Put together as text: a value that is nested this deep cannot be serialized.
      const others = Object.entries(valid).filter(([other]) => other !== name);
      const members = others.map(([other, example]) => `${JSON.stringify(other)}:${JSON.stringify(example)}`);
      bodies.push([`${name}: ${how}`, `{${[`${JSON.stringify(name)}:${value}`, ...members].join(",")}}`]);
    }
  }
  return bodies.filter(([, body]) => Buffer.byteLength(body) <= bytesMax);
}

function exampleOf({ examples, enum: choices, type, properties = {} }: BodySchema): unknown {
  const [example] = examples ?? choices ?? [];
  if (example !== undefined) return example;
  if (type === "boolean") return true;
  if (type === "array") return [];
  return Object.fromEntries(Object.entries(properties).map(([name, field]) => [name, exampleOf(field)]));
}

function worstValues(): [string, string][] {
  const repeat = (part: string, separator = ",") =>
    Array.from({ length: Math.floor(partBytes / Buffer.byteLength(part + separator)) }, () => part).join(separator);
  const number = (make: (n: number) => string, count: number) => Array.from({ length: count }, (_, n) => make(n));
  const items = ["{}", "0", '""', '{"ticketType":"A","total":1}', '"order.confirmed"'];
  const texts = [" ", "a", "0", ".", "-", "\u202e", "\u200d", "T"];
  return [
    ...items.map((item): [string, string] => [`an array of ${item}`, `[${repeat(item)}]`]),
    ["an array of different objects", `[${number((n) => `{"a":${n}}`, 1_200).join(",")}]`],
    ["an array of different texts", `[${number((n) => `"${n}"`, 1_800).join(",")}]`],
    ["many fields", `{${number((n) => `"${n}":0`, 1_700).join(",")}}`],
    ["nested arrays", `${"[".repeat(partBytes / 2)}${"]".repeat(partBytes / 2)}`],
    ["nested objects", `${'{"a":'.repeat(partBytes / 6)}0${"}".repeat(partBytes / 6)}`],
    ...texts.map((text): [string, string] => [`a long text of ${text}`, `"${repeat(text, "")}"`]),
    ["a long host", `"https://${number((n) => String.fromCodePoint(0x4e00 + n), 2_000).join("")}.com/"`],
    ["a host of dots", `"https://${".".repeat(2_000)}a/"`],
  ];
}

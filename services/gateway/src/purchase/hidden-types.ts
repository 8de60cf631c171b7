// Which hidden ticket types a request may see: those that its access code opens, or all on demand.
import { AccessCodeText } from "@onsale/contracts/order";
import { type Static, Type } from "typebox";
import { ProblemError } from "../http/problem-error.ts";
import type { FindAccessCode } from "./access-codes.ts";

export const hiddenQuery = Type.Object(
  {
    hidden: Type.Optional(Type.Boolean({ description: "Lists ticket types that need an access code, too." })),
    accessCode: Type.Optional(AccessCodeText),
  },
  { additionalProperties: false },
);

/** A hidden type has `visibility` code, or `isHidden`. */
type MaybeHidden = Readonly<{ ticketType: string; visibility?: "code"; isHidden?: true }>;

/** @throws ProblemError `access-code-not-found` */
export async function readShown(
  { id, code }: Readonly<{ id: number; code: string }>,
  { hidden = false, accessCode }: Static<typeof hiddenQuery>,
  findAccessCode: FindAccessCode,
): Promise<(type: MaybeHidden) => boolean> {
  const found = accessCode === undefined ? undefined : await findAccessCode(id, accessCode);
  if (accessCode !== undefined && found === undefined) {
    throw new ProblemError("access-code-not-found", `The event ${code} has no such access code.`);
  }
  return ({ ticketType, visibility, isHidden }) => {
    const isPublic = visibility === undefined && isHidden === undefined;
    return isPublic || hidden || found?.ticketTypes.includes(ticketType) === true;
  };
}

// Which hidden ticket types a request may see: those that its access code opens, or all for who manages events.
import { AccessCodeText } from "@onsale/contracts/order";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { ProblemError } from "../http/problem-error.ts";
import { requireScope } from "./authenticate.ts";
import type { GuessLimit } from "./guess-limit.ts";

export const hiddenQuery = Type.Object(
  {
    hidden: Type.Optional(
      Type.Boolean({
        description: "Lists ticket types that need an access code, too; takes the scope events:write.",
        examples: [true],
      }),
    ),
    accessCode: Type.Optional(AccessCodeText),
  },
  { additionalProperties: false },
);

export const hiddenProblems = ["insufficient-scope", "access-code-not-found", "customer-key-missing"] as const;

/** A hidden type has `visibility` code, or `isHidden`. */
type MaybeHidden = Readonly<{ ticketType: string; visibility?: "code"; isHidden?: true }>;

type FindTypes = (eventId: number, code: string) => Promise<Readonly<{ ticketTypes: readonly string[] }> | undefined>;

type ShownParts = Readonly<{ findAccessCode: FindTypes; guesses: GuessLimit }>;

/** @throws ProblemError `access-code-not-found`, `rate-limited` or `insufficient-scope` */
export async function readShown(
  { id, code }: Readonly<{ id: number; code: string }>,
  { findAccessCode, guesses }: ShownParts,
  request: Pick<FastifyRequest, "actor" | "ip" | "scopes"> & Readonly<{ query: Static<typeof hiddenQuery> }>,
  reply: FastifyReply,
): Promise<(type: MaybeHidden) => boolean> {
  const { hidden = false, accessCode } = request.query;
  if (hidden) requireScope(request, reply, "events:write");
  const findOpened = async (named: string) => {
    const found = await findAccessCode(id, named);
    if (found !== undefined) return found.ticketTypes;
    throw new ProblemError("access-code-not-found", `The event ${code} has no such access code.`);
  };
  const opened = accessCode === undefined ? [] : await guesses.limit(request, reply, () => findOpened(accessCode));
  return ({ ticketType, visibility, isHidden }) => {
    const isPublic = visibility === undefined && isHidden === undefined;
    return isPublic || hidden || opened.includes(ticketType);
  };
}

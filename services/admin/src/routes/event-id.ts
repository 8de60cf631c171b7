import { Type } from "typebox";

/** An event, as the database numbers it: its code is unique within an account only. */
export const EventId = Type.Integer({ minimum: 1, maximum: 2 ** 31 - 1 });

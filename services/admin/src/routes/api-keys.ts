// Shows API keys, creates and revokes them. A key is in the answer to its creation only.
import { Nullable, PlainText, Timestamp } from "@onsale/contracts/text";
import type { Db } from "@onsale/database/client";
import { keyActions, listAccountActivities } from "@onsale/database/statements/access/account-activities";
import { listAccounts } from "@onsale/database/statements/access/list-accounts";
import { listNewestApiKeys } from "@onsale/database/statements/access/list-newest-api-keys";
import { apiScopes, isApiScope } from "@onsale/security/api-scope";
import { Type } from "typebox";
import { userName } from "../access/sessions.ts";
import type { ActivityPage } from "../console/messages/event-messages.ts";
import type { CreatedKey, KeyChanged, KeyChoices, KeyPage } from "../console/messages/key-messages.ts";
import { presentActivity } from "../console/present/present-activity.ts";
import { presentKey } from "../console/present/present-key.ts";
import type { App } from "../http/app-type.ts";
import { ApiKeyId, RowId } from "../http/parameters.ts";
import { strictly } from "../http/strictly.ts";
import type { KeyChanges } from "../keys/key-changes.ts";

const pageSize = 50;
const activityCount = 20;
/** Of a name, as `onsale keys create` takes it. */
const nameMax = 100;
/** Gateways remember a key that they have checked for up to this long. */
const revokedWithinSeconds = 30;

const scopeNames = Object.keys(apiScopes).filter(isApiScope);

const closed = { additionalProperties: false } as const;
const KeysQuery = Type.Object({ after: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })) });
const PageQuery = Type.Object({ after: Type.Optional(RowId) });
const name = PlainText(nameMax, { description: "What it is for.", examples: ["shop"] });
const NewKey = Type.Object(
  {
    name,
    account: name,
    scopes: Type.Array(Type.Enum(scopeNames), { minItems: 1, maxItems: scopeNames.length, uniqueItems: true }),
    expiresAt: Nullable(Timestamp("null for a key that does not expire.")),
  },
  closed,
);

export type ApiKeyRouteParts = Readonly<{ lookupDb: Db; keyChanges: KeyChanges }>;

export function registerApiKeyRoutes(app: App, parts: ApiKeyRouteParts): void {
  registerReading(app, parts);
  registerChanging(app, parts);
}

function registerReading(app: App, { lookupDb: db }: ApiKeyRouteParts): void {
  app.get("/api/keys", { schema: { querystring: KeysQuery } }, async (request): Promise<KeyPage> => {
    const { after = 0 } = request.query;
    const rows = await listNewestApiKeys(db, after, pageSize + 1);
    const nowMs = Date.now();
    const keys = rows.slice(0, pageSize).map((row) => presentKey(row, nowMs));
    return { keys, next: rows.length > pageSize ? String(after + pageSize) : null };
  });

  app.get("/api/keys/choices", async (): Promise<KeyChoices> => {
    const accounts = (await listAccounts(db)).map((account) => account.name);
    // As the command line does: the scope `admin` has to be asked for.
    const scopes = scopeNames.map((scope) => ({ name: scope, allows: apiScopes[scope], isUsual: scope !== "admin" }));
    return { accounts, scopes };
  });

  app.get("/api/keys/activity", { schema: { querystring: PageQuery } }, async (request): Promise<ActivityPage> => {
    const rows = await listAccountActivities(db, { actions: keyActions }, request.query.after, activityCount + 1);
    const next = rows.length > activityCount ? String(rows[activityCount - 1]?.id) : null;
    return { activities: rows.slice(0, activityCount).map(presentActivity), next };
  });
}

function registerChanging(app: App, { keyChanges }: ApiKeyRouteParts): void {
  app.post("/api/keys", { schema: { body: NewKey }, ...strictly }, async (request): Promise<CreatedKey> => {
    const { expiresAt, ...wanted } = request.body;
    const expires = expiresAt === null ? null : new Date(expiresAt);
    const key = await keyChanges.create({ ...wanted, expiresAt: expires }, userName);
    return { key, message: `The key “${wanted.name}” is created. Copy it now: only its hash is stored.` };
  });

  const revokeSchema = { params: Type.Object({ id: ApiKeyId }) };
  app.post("/api/keys/:id/revoke", { schema: revokeSchema }, async (request): Promise<KeyChanged> => {
    const revoked = await keyChanges.revoke(request.params.id, userName);
    return { message: `The key “${revoked}” is revoked: gateways refuse it within ${revokedWithinSeconds} seconds.` };
  });
}

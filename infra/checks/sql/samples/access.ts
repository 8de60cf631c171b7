import { listAccountActivities, writeAccountActivity } from "@onsale/database/statements/access/account-activities";
import { createAccount } from "@onsale/database/statements/access/create-account";
import { createApiKey } from "@onsale/database/statements/access/create-api-key";
import { findApiKeys } from "@onsale/database/statements/access/find-api-keys";
import { listAccounts } from "@onsale/database/statements/access/list-accounts";
import { listApiKeys } from "@onsale/database/statements/access/list-api-keys";
import { listNewestApiKeys } from "@onsale/database/statements/access/list-newest-api-keys";
import { recordApiKeyUse } from "@onsale/database/statements/access/record-api-key-use";
import { revokeApiKey } from "@onsale/database/statements/access/revoke-api-key";
import { type Sample, sample } from "../sample.ts";

const key = {
  id: "key",
  accountId: 1,
  name: "name",
  hash: Buffer.of(),
  scopes: ["admin"],
  expiresAt: null,
};

const activity = {
  accountId: 1,
  actor: "console admin",
  action: "api-key-created",
  subject: "key",
  detail: {},
} as const;

export const accessSamples: readonly Sample[] = [
  sample(createAccount, "", ["name"]),
  sample(createApiKey, "", [key]),
  sample(findApiKeys, "", [[key.id]]),
  sample(listAccounts, "", []),
  sample(listApiKeys, "", [key.accountId]),
  sample(listNewestApiKeys, "", [0, 50]),
  sample(writeAccountActivity, "", [activity]),
  sample(listAccountActivities, "of one endpoint or key", [{ subject: "key" }, undefined, 20]),
  sample(listAccountActivities, "of some actions, after an entry", [{ actions: ["api-key-created"] }, 1, 20]),
  sample(recordApiKeyUse, "", [[key.id]]),
  sample(revokeApiKey, "", [key.id]),
];

import { changeWebhook } from "@onsale/database/statements/webhooks/change-webhook";
import { createWebhook } from "@onsale/database/statements/webhooks/create-webhook";
import { deleteWebhook } from "@onsale/database/statements/webhooks/delete-webhook";
import { findStoppedEndpoints } from "@onsale/database/statements/webhooks/find-stopped-endpoints";
import { countWebhooks, getWebhook, listWebhooks } from "@onsale/database/statements/webhooks/get-webhooks";
import { isWithoutPosts } from "@onsale/database/statements/webhooks/posts-lock";
import { rotateWebhookSecret } from "@onsale/database/statements/webhooks/rotate-webhook-secret";
import {
  nameEndpoints,
  summariseEventWebhooks,
  summariseWebhooks,
} from "@onsale/database/statements/webhooks/summarise-webhooks";
import { getWatchedEndpoint, listWatchedEndpoints } from "@onsale/database/statements/webhooks/watch-endpoints";
import { anyId, type Sample, sample } from "../sample.ts";

const webhook = {
  id: anyId,
  accountId: 1,
  eventId: null,
  url: "https://receiver.test/",
  types: [],
  description: null,
  secret: Buffer.of(),
};
const { url, types, eventId, description } = webhook;
const count = [{ count: 0 }];

export const webhookSamples: readonly Sample[] = [
  sample(changeWebhook, "its settings", [1, anyId, { url, types, eventId, description }]),
  sample(changeWebhook, "enabled", [1, anyId, { enabled: true }]),
  sample(changeWebhook, "disabled", [1, anyId, { enabled: false }]),
  sample(createWebhook, "", [webhook], [[], count]),
  sample(deleteWebhook, "", [1, anyId]),
  sample(findStoppedEndpoints, "", [[anyId]]),
  sample(getWebhook, "", [1, anyId]),
  sample(listWebhooks, "by offset", [1, { offset: 0 }, 50]),
  sample(listWebhooks, "after a cursor", [1, { afterId: anyId }, 50]),
  sample(countWebhooks, "", [1], [count]),
  sample(isWithoutPosts, "", [anyId], [[{ isFree: true }]]),
  sample(rotateWebhookSecret, "", [1, anyId, webhook.secret, 24]),
  sample(summariseWebhooks, "", []),
  sample(summariseEventWebhooks, "", [1, 1]),
  sample(listWatchedEndpoints, "all, the first page", ["all", undefined, 26]),
  sample(listWatchedEndpoints, "those that fail, after an endpoint", ["failing", anyId, 26]),
  sample(getWatchedEndpoint, "", [anyId]),
  sample(nameEndpoints, "", [[anyId]]),
];

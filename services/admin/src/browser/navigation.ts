// The entries of the navigation, in their order. A new page adds its line here, and its route in route.ts.
import type { Route } from "./route.ts";

export type NavigationEntry = Readonly<{
  name: string;
  href: string;
  /** The views in which the entry is shown as the current one. */
  views: readonly Route["view"][];
}>;

export const navigationEntries: readonly NavigationEntry[] = [
  { name: "Overview", href: "#/", views: ["overview", "event"] },
  { name: "Orders", href: "#/orders", views: ["find-orders", "order"] },
  { name: "Webhooks", href: "#/webhooks", views: ["webhooks", "endpoint"] },
  { name: "API keys", href: "#/keys", views: ["keys"] },
  { name: "Queues", href: "#/queues", views: ["queues"] },
  { name: "System", href: "#/system", views: ["system"] },
];

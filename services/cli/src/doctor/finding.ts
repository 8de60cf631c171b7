/** The result of one check of `onsale doctor`. */
export type Finding = Readonly<{
  check: string;
  outcome: "ok" | "warning" | "failed";
  detail: string;
  /** What to do; undefined when the outcome is `ok`. */
  advice?: string;
}>;

export function ok(check: string, detail: string): Finding {
  return { check, outcome: "ok", detail };
}

export function warning(check: string, detail: string, advice: string): Finding {
  return { check, outcome: "warning", detail, advice };
}

export function failed(check: string, detail: string, advice: string): Finding {
  return { check, outcome: "failed", detail, advice };
}

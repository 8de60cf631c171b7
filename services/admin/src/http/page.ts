export const htmlType = "text/html; charset=utf-8";

/**
 * An HTML page of this service. Its styles and scripts come from /assets, because the content security policy allows
 * nothing inline. Of the stylesheets, those named last win.
 *
 * @param body HTML, which the caller has escaped
 * @param modules names of assets that are loaded as modules
 */
export function renderPage(title: string, body: string, modules: readonly string[] = []): string {
  const scripts = modules.map((module) => `<script type="module" src="/assets/${module}"></script>`).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Onsale</title>
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/uplot.css">
<link rel="stylesheet" href="/assets/palette.css">
<link rel="stylesheet" href="/assets/base.css">
<link rel="stylesheet" href="/assets/shell.css">
<link rel="stylesheet" href="/assets/tables.css">
<link rel="stylesheet" href="/assets/console.css">
<link rel="stylesheet" href="/assets/event.css">
<link rel="stylesheet" href="/assets/pages.css">
<script src="/assets/set-theme.ts"></script>
${scripts}
</head>
<body>
${body}
</body>
</html>
`;
}

// Makes Bull Board's page look like the console: its colours, and a link that leads back.

/** Bull Board loads a font of another host, which the content security policy forbids. */
const foreignFont = /<link href="https:\/\/fonts\.googleapis\.com[^>]*>/g;
const styles = '<link rel="stylesheet" href="/assets/board.css">';
const link = '<a class="to-console" href="/#/queues">← Live console</a>';

/** @param html Bull Board's only page */
export function toOwnPage(html: string): string {
  return html.replaceAll(foreignFont, "").replace("</head>", `${styles}</head>`).replace("</body>", `${link}</body>`);
}

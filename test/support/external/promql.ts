// Finds the metrics and labels that a PromQL expression reads.

import type { SyntaxNode, SyntaxNodeRef } from "@lezer/common";
import { parser } from "@prometheus-io/lezer-promql";

export type Matcher = Readonly<{ label: string; operator: string; value: string }>;

/** A metric that an expression reads, with the labels that the expression uses. */
export type Selector = Readonly<{
  metric: string;
  matchers: readonly Matcher[];
  /** Labels that an aggregation around it keeps. */
  groupings: readonly string[];
}>;

/** @throws Error that shows where the expression is not PromQL */
export function selectorsOf(expression: string): Selector[] {
  const text = (node: SyntaxNodeRef) => expression.slice(node.from, node.to);
  const selectors: Selector[] = [];
  parser.parse(expression).iterate({
    enter: (node) => {
      if (node.type.isError) {
        throw new Error(`not PromQL at "${expression.slice(node.from, node.from + 20)}": ${expression}`);
      }
      if (node.name !== "VectorSelector") return;
      const metric = node.node.getChild("Identifier");
      const matchers = node.node.getChild("LabelMatchers")?.getChildren("UnquotedLabelMatcher") ?? [];
      selectors.push({
        metric: metric === null ? "" : text(metric),
        matchers: matchers.map((matcher) => readMatcher(matcher, text)),
        groupings: groupingsAround(node.node, text),
      });
    },
  });
  return selectors;
}

function readMatcher(node: SyntaxNode, text: (node: SyntaxNodeRef) => string): Matcher {
  const part = (name: string) => {
    const child = node.getChild(name);
    return child === null ? "" : text(child);
  };
  return { label: part("LabelName"), operator: part("MatchOp"), value: part("StringLiteral").slice(1, -1) };
}

function groupingsAround(node: SyntaxNode, text: (node: SyntaxNodeRef) => string): string[] {
  const labels: string[] = [];
  for (let parent = node.parent; parent !== null; parent = parent.parent) {
    const grouping = parent.getChild("AggregateModifier")?.getChild("GroupingLabels");
    for (const label of grouping?.getChildren("LabelName") ?? []) labels.push(text(label));
  }
  return labels;
}

// The few kinds of panels that the dashboards are made of, so that all of them look alike.

import { PanelBuilder as BarsPanel } from "@grafana/grafana-foundation-sdk/bargauge";
import {
  AxisPlacement,
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  type DataSourceRef,
  GraphDrawStyle,
  GraphGradientMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  ScaleDistribution,
  ScaleDistributionConfigBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  FieldColorBuilder,
  FieldColorModeId,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as GaugePanel } from "@grafana/grafana-foundation-sdk/gauge";
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  PanelBuilder as HeatmapPanel,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatPanel } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as ChartPanel } from "@grafana/grafana-foundation-sdk/timeseries";

/** As infra/grafana/provisioning/datasources names it. */
export const prometheus: DataSourceRef = { type: "prometheus", uid: "prometheus" };

/** From which value on a number has a colour; the first step has none. */
export type Steps = readonly [string, ...(readonly [number, string])[]];

/** `color` is one of Grafana's own, which suit both of its themes. */
export type Query = Readonly<{ expr: string; legend: string; color?: string }>;

type Look = Readonly<{ title: string; description: string; unit?: string; decimals?: number; span: number }>;

const statHeight = 5;
const chartHeight = 9;

function thresholds([first, ...others]: Steps): ThresholdsConfigBuilder {
  const steps: Threshold[] = [{ value: null, color: first }, ...others.map(([value, color]) => ({ value, color }))];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

const byThreshold = () => new FieldColorBuilder().mode(FieldColorModeId.Thresholds);
const last = () => new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).values(false).fields("");
const query = ({ expr, legend }: Query, index = 0) =>
  new DataqueryBuilder()
    .refId(String.fromCharCode("A".charCodeAt(0) + index))
    .expr(expr)
    .legendFormat(legend);
const ranged = (of: Query, index?: number) => query(of, index).range();
const instantly = (of: Query) => query(of).instant();

/** One number that is readable from across the room, with its course behind it. */
export function stat(look: Look & Readonly<{ expr: string; steps: Steps; noValue?: string }>): StatPanel {
  const panel = new StatPanel()
    .title(look.title)
    .description(look.description)
    .datasource(prometheus)
    .unit(look.unit ?? "short")
    .span(look.span)
    .height(statHeight)
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.Area)
    .reduceOptions(last())
    .thresholds(thresholds(look.steps))
    .colorScheme(byThreshold())
    .noValue(look.noValue ?? "–")
    .withTarget(ranged({ expr: look.expr, legend: look.title }));
  return look.decimals === undefined ? panel : panel.decimals(look.decimals);
}

/** A share of a whole. */
export function gauge(look: Look & Readonly<{ expr: string; steps: Steps }>): GaugePanel {
  return new GaugePanel()
    .title(look.title)
    .description(look.description)
    .datasource(prometheus)
    .unit("percentunit")
    .decimals(look.decimals ?? 0)
    .min(0)
    .max(1)
    .span(look.span)
    .height(statHeight)
    .reduceOptions(last())
    .thresholds(thresholds(look.steps))
    .colorScheme(byThreshold())
    .noValue("–")
    .withTarget(instantly({ expr: look.expr, legend: look.title }));
}

type ChartLook = Look & Readonly<{ queries: readonly Query[]; stacked?: boolean; max?: number; logarithmic?: boolean }>;

/** Values over time, with the latest and the highest in a table below. */
export function chart(look: ChartLook): ChartPanel {
  const panel = new ChartPanel()
    .title(look.title)
    .description(look.description)
    .datasource(prometheus)
    .unit(look.unit ?? "short")
    .span(look.span)
    .height(chartHeight)
    .min(0)
    .drawStyle(GraphDrawStyle.Line)
    .lineInterpolation(LineInterpolation.Smooth)
    .lineWidth(2)
    .showPoints(VisibilityMode.Never)
    .gradientMode(GraphGradientMode.Opacity)
    .fillOpacity(look.stacked === true ? 45 : 12)
    .axisPlacement(AxisPlacement.Left)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(["lastNotNull", "max"]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (look.decimals !== undefined) panel.decimals(look.decimals);
  if (look.max !== undefined) panel.max(look.max);
  if (look.stacked === true) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"));
  if (look.logarithmic === true) {
    panel.scaleDistribution(new ScaleDistributionConfigBuilder().type(ScaleDistribution.Log).log(10)).min(0.001);
  }
  for (const [index, of] of look.queries.entries()) {
    panel.withTarget(ranged(of, index));
    if (of.color !== undefined) {
      panel.overrideByName(of.legend, [{ id: "color", value: { mode: "fixed", fixedColor: of.color } }]);
    }
  }
  return panel;
}

/** What a few names have at this moment, as bars. */
export function bars(look: Look & Readonly<{ query: Query; steps: Steps }>): BarsPanel {
  return new BarsPanel()
    .title(look.title)
    .description(look.description)
    .datasource(prometheus)
    .unit(look.unit ?? "short")
    .span(look.span)
    .height(chartHeight)
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Gradient)
    .reduceOptions(last())
    .thresholds(thresholds(look.steps))
    .colorScheme(byThreshold())
    .noValue("nothing")
    .withTarget(instantly(look.query));
}

/** A histogram over time: where most are, and where the tail is. `metric` ends with `_bucket`. */
export function heatmap(look: Look & Readonly<{ metric: string }>): HeatmapPanel {
  const expr = `sum by (le) (increase(${look.metric}[$__rate_interval]))`;
  return new HeatmapPanel()
    .title(look.title)
    .description(look.description)
    .datasource(prometheus)
    .span(look.span)
    .height(chartHeight)
    .calculate(false)
    .cellGap(1)
    .yAxis(new YAxisConfigBuilder().unit(look.unit ?? "short").axisPlacement(AxisPlacement.Left))
    .color(new HeatmapColorOptionsBuilder().mode(HeatmapColorMode.Scheme).scheme("Turbo").steps(64))
    .withTarget(ranged({ expr, legend: "{{le}}" }).format(PromQueryFormat.Heatmap));
}

/** A quantile of a histogram; `metric` has neither `_bucket` nor labels. Nothing, rather than NaN, while nothing happens. */
export function quantile(of: number, metric: string, labels = ""): string {
  return `histogram_quantile(${of}, sum by (le) (rate(${metric}_bucket${labels}[$__rate_interval]))) >= 0`;
}

/** Median and tail of a histogram. */
export function quantiles(metric: string, labels?: string): Query[] {
  return [
    { expr: quantile(0.99, metric, labels), legend: "P99", color: "red" },
    { expr: quantile(0.95, metric, labels), legend: "P95", color: "orange" },
    { expr: quantile(0.5, metric, labels), legend: "P50", color: "green" },
  ];
}

/** How much a histogram's observations were on average; nothing while there are none. */
export function average(metric: string): string {
  return `sum(rate(${metric}_sum[$__rate_interval])) / (sum(rate(${metric}_count[$__rate_interval])) > 0)`;
}

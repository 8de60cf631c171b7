// The kinds of panels that all dashboards use, so that they look alike.
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

/** The data source of infra/grafana/provisioning/datasources. */
export const prometheus: DataSourceRef = { type: "prometheus", uid: "prometheus" };

/** The colours of a number: the first one, and each further one from its value on. */
export type Steps = readonly [string, ...(readonly [number, string])[]];

/** `color` is the name of a colour of Grafana; those fit its light and its dark theme. */
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

/** One large number, with its graph behind it. */
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

/** A share of a whole, from 0 to 1. */
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

/** Values over time, with a table of the latest and the highest values below. */
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

/** The current values of a few series, as bars. */
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

/** A histogram over time. `metric` ends with `_bucket`. */
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

/** A quantile of a histogram; empty instead of NaN without observations. `metric` has neither `_bucket` nor labels. */
export function quantile(of: number, metric: string, labels = ""): string {
  return `histogram_quantile(${of}, sum by (le) (rate(${metric}_bucket${labels}[$__rate_interval]))) >= 0`;
}

/** The 50th, 95th and 99th percentile of a histogram. */
export function quantiles(metric: string, labels?: string): Query[] {
  return [
    { expr: quantile(0.99, metric, labels), legend: "P99", color: "red" },
    { expr: quantile(0.95, metric, labels), legend: "P95", color: "orange" },
    { expr: quantile(0.5, metric, labels), legend: "P50", color: "green" },
  ];
}

/** The average of a histogram's observations; empty without observations. */
export function average(metric: string): string {
  return `sum(rate(${metric}_sum[$__rate_interval])) / (sum(rate(${metric}_count[$__rate_interval])) > 0)`;
}

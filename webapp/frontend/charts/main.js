// Charts of dashboards: <div data-chart='{"url": …}'> with an ECharts option from the server, in the page's colours.
import { BarChart, FunnelChart, LineChart, PieChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([BarChart, FunnelChart, LineChart, PieChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

async function draw(element) {
  const option = await (await fetch(element.dataset.chart, { headers: { Accept: 'application/json' } })).json();
  const style = getComputedStyle(document.documentElement);
  const chart = init(element);
  chart.setOption({ color: ['--accent', '--blue', '--green', '--amber', '--purple', '--red'].map((name) => style.getPropertyValue(name)), textStyle: { fontFamily: style.getPropertyValue('--font'), color: style.getPropertyValue('--text-2') }, ...option });
  chart.on('click', ({ data }) => { if (data?.href) location.href = data.href; });
  new ResizeObserver(() => chart.resize()).observe(element);
}

document.querySelectorAll('[data-chart]').forEach(draw);

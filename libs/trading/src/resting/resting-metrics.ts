import type { FillRule } from '@app/domain';
import { Metrics } from '@app/platform';
import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { OutcomeVerdict } from './outcome-decision';

/** What became of the fills of resting orders. */
@Injectable()
export class RestingMetrics {
  private readonly fills: Counter<'rule' | 'verdict'>;

  constructor({ registry }: Metrics) {
    this.fills = new Counter({
      name: 'resting_fills_total',
      help: 'Fills of resting orders, by fill rule and by whether they were stored.',
      labelNames: ['rule', 'verdict'],
      registers: [registry],
    });
  }

  count(rule: FillRule, verdict: OutcomeVerdict): void {
    this.fills.inc({ rule, verdict });
  }
}

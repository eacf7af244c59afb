import { type HealthBody, healthSchema, livenessSchema, readinessSchema } from '@app/contracts';
import { DomainError } from '@app/domain';
import { Metrics } from '@app/platform';
import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from '../openapi/api-problems.decorator';
import { NoQuery } from '../openapi/no-query.decorator';
import { Unlimited } from '../throttling/rate-limit-group.decorator';
import { HealthService } from './health.service';

@ApiTags('health')
@Unlimited()
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly metrics: Metrics,
  ) {}

  @Get('health')
  @NoQuery()
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'How the server and what it depends on are',
    description: 'Always 200 while the process answers; `status` says how it is.',
  })
  @ApiOkResponse({ description: 'How everything is.', standardSchema: healthSchema })
  @ApiProblems(422)
  check(): Promise<HealthBody> {
    return this.health.check();
  }

  @Get('health/ready')
  @NoQuery()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether traffic may come here' })
  @ApiOkResponse({ description: 'It may.', standardSchema: readinessSchema })
  @ApiProblems(422, 503)
  async checkReadiness(): Promise<{ status: 'ready' }> {
    const problem = await this.health.findUnreadiness();
    if (problem !== null) throw new DomainError('STORE.UNAVAILABLE', problem);
    return { status: 'ready' };
  }

  @Get('health/live')
  @NoQuery()
  @Header('cache-control', 'no-store')
  @ApiOperation({ summary: 'Whether the process answers at all' })
  @ApiOkResponse({ description: 'It does.', standardSchema: livenessSchema })
  @ApiProblems(422)
  checkLiveness(): { status: 'alive' } {
    return { status: 'alive' };
  }

  @Get('metrics')
  @NoQuery()
  @Header('cache-control', 'no-store')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({ summary: 'Metrics in the Prometheus text format' })
  @ApiProduces('text/plain')
  @ApiOkResponse({
    description: 'Every metric of this process.',
    content: {
      'text/plain': {
        schema: { type: 'string' },
        example:
          '# HELP process_resident_memory_bytes Resident memory size in bytes.\n# TYPE process_resident_memory_bytes gauge\nprocess_resident_memory_bytes 91561984\n',
      },
    },
  })
  @ApiProblems(422)
  readMetrics(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}

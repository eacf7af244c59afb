import type { JSX } from 'preact';
import { Link } from 'wouter-preact';
import { PageTitle } from '../ui/bits';

export function NotFoundPage(): JSX.Element {
  return (
    <>
      <PageTitle title="Nothing here" />
      <p>
        There is no such page, or not for this account. <Link href="/markets">To the markets</Link>
      </p>
    </>
  );
}

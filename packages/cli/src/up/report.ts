import type { LabNetwork, NetworkEvent } from '@sotto/lab';

/** The page of one person. */
export interface PersonPage {
  readonly profile: string;
  /** Opens the page once, within ten minutes. */
  readonly url: string;
}

/** What `sotto up` tells, to a person or to a program. */
export interface UpReport {
  /** A step that takes a while has begun. */
  step(what: 'network' | 'page'): void;
  ready(network: LabNetwork, pages: readonly PersonPage[], dataFolder: string): void;
  /** A fresh link, asked for or because a page had to be started again. */
  link(page: PersonPage): void;
  network(event: NetworkEvent): void;
  pageExited(profile: string): void;
  stopping(): void;
  stopped(): void;
}

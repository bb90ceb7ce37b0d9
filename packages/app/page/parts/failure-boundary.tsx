import i18next from 'i18next';
import { Component, type ReactNode } from 'react';
import { Button } from './button.tsx';
import { Stage } from './stage.tsx';

/** Shows a sentence and a way on where the page itself has failed, instead of nothing. */
export class FailureBoundary extends Component<{ readonly children: ReactNode }, { readonly failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Stage title={i18next.t('failure.title')} text={i18next.t('failure.text')}>
        <Button look="primary" className="mt-4.5 w-full" onClick={() => location.reload()}>
          {i18next.t('failure.reload')}
        </Button>
      </Stage>
    );
  }
}

import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { connect } from './engine/connection.ts';
import { queries } from './engine/queries.ts';
import { FailureBoundary } from './parts/failure-boundary.tsx';
import { startStrings } from './strings/strings.ts';
import './styles/page.css';

startStrings();
void connect();
// A fresh link pasted into a window that is open already changes nothing but the fragment.
addEventListener('hashchange', () => location.hash !== '' && location.reload());
createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <FailureBoundary>
        <App />
      </FailureBoundary>
    </QueryClientProvider>
  </StrictMode>,
);

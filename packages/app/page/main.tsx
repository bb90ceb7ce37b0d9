import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { connect, connectionState } from './engine/connection.ts';
import { queries } from './engine/queries.ts';
import { PAGE_KEY } from './engine/session.ts';
import { FailureBoundary } from './parts/failure-boundary.tsx';
import { startStrings } from './strings/strings.ts';
import './styles/page.css';

startStrings();
void connect();
// A fresh link pasted into a window that is open already changes nothing but the fragment.
addEventListener('hashchange', () => location.hash !== '' && location.reload());
// A fresh link opened in another window of this browser lets this one in too.
addEventListener('storage', ({ key }) => key === PAGE_KEY && connectionState() === 'missing' && location.reload());
createRoot(document.getElementById('page')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <FailureBoundary>
        <App />
      </FailureBoundary>
    </QueryClientProvider>
  </StrictMode>,
);

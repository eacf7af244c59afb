import { QueryClientProvider } from '@tanstack/preact-query';
import { render } from 'preact';
import { Router } from 'wouter-preact';
import { queries } from './api/client';
import { App } from './app';
import './styles.css';

const container = document.getElementById('app');
if (container === null) throw new Error('index.html has no element #app');

render(
  <QueryClientProvider client={queries}>
    <Router base="/console">
      <App />
    </Router>
  </QueryClientProvider>,
  container,
);

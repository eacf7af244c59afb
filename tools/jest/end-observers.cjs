/* global afterAll */
// Observers of performance live in Node, not in the suite that made them. One left behind (prom-client's of garbage collections cannot be ended)
// keeps everything its suite has loaded, some 40 MB for each suite that starts an api.
const { PerformanceObserver } = require('node:perf_hooks');

const { observe } = PerformanceObserver.prototype;
const observers = new Set();

PerformanceObserver.prototype.observe = function (...options) {
  observers.add(this);
  return observe.apply(this, options);
};

afterAll(() => {
  PerformanceObserver.prototype.observe = observe;
  for (const observer of observers) observer.disconnect();
});

-- Daily cost summary
SELECT 
  DATE("createdAt") as date,
  component,
  SUM("costDollars") as total_cost,
  AVG("cacheHitRate") as avg_cache_hit
FROM cost_tracking
WHERE "createdAt" >= NOW() - INTERVAL '7 days'
GROUP BY DATE("createdAt"), component;

-- User video count
SELECT 
  "userId",
  COUNT(DISTINCT "taskId") as videos_created,
  AVG("costDollars") as avg_cost
FROM cost_tracking
GROUP BY "userId"
ORDER BY videos_created DESC
LIMIT 20;

-- Query 8, monitor new users: persons who registered and opened an auction in the same window of
-- ten seconds.

WITH registered AS (
  SELECT window_start, window_end, id, name
  FROM TABLE(TUMBLE(TABLE person, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
  GROUP BY window_start, window_end, id, name
),
selling AS (
  SELECT window_start, window_end, seller
  FROM TABLE(TUMBLE(TABLE auction, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
  GROUP BY window_start, window_end, seller
)
SELECT registered.window_start, registered.id, registered.name
FROM registered
JOIN selling
  ON registered.window_start = selling.window_start
  AND registered.window_end = selling.window_end
  AND registered.id = selling.seller;

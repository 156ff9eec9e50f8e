-- Query 5, hot items: the auctions with the most bids in the last ten seconds, every two seconds.

WITH counted AS (
  SELECT window_start, window_end, auction, COUNT(*) AS bids
  FROM TABLE(HOP(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '2' SECOND, INTERVAL '10' SECOND))
  GROUP BY window_start, window_end, auction
),
most AS (
  SELECT window_start, window_end, MAX(bids) AS bids FROM counted GROUP BY window_start, window_end
)
SELECT counted.window_start, counted.window_end, counted.auction, counted.bids
FROM counted
JOIN most
  ON counted.window_start = most.window_start AND counted.window_end = most.window_end
WHERE counted.bids = most.bids;

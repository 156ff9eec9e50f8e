-- Query 7, highest bid: the bids with the highest price in each window of ten seconds.

WITH highest AS (
  SELECT window_start, window_end, MAX(price) AS price
  FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
  GROUP BY window_start, window_end
),
offered AS (
  SELECT window_start, window_end, auction, bidder, price, `dateTime`
  FROM TABLE(TUMBLE(TABLE bid, DESCRIPTOR(`dateTime`), INTERVAL '10' SECOND))
)
SELECT offered.window_start, offered.auction, offered.bidder, offered.price, offered.`dateTime`
FROM offered
JOIN highest
  ON offered.window_start = highest.window_start AND offered.window_end = highest.window_end
WHERE offered.price = highest.price;

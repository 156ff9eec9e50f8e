-- Query 4, average price per category: the mean of the highest bids of its auctions, while they
-- were open. Its rows are updated with every bid.

WITH winning AS (
  SELECT item.id, item.category, MAX(offer.price) AS price
  FROM auction AS item
  JOIN bid AS offer
    ON offer.auction = item.id AND offer.`dateTime` BETWEEN item.`dateTime` AND item.expires
  GROUP BY item.id, item.category
)
SELECT category, AVG(price) AS mean_price FROM winning GROUP BY category;

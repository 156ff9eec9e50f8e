-- Query 4, average price for a category: the highest bid of each auction while it was open, and the
-- mean of those by category. Its rows change as bids come.

WITH winning AS (
  SELECT item.id, item.category, MAX(offer.price) AS price
  FROM auction AS item
  JOIN bid AS offer
    ON offer.auction = item.id AND offer.`dateTime` BETWEEN item.`dateTime` AND item.expires
  GROUP BY item.id, item.category
)
SELECT category, AVG(price) AS mean_price FROM winning GROUP BY category;

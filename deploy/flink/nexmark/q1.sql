-- Query 1, currency conversion: prices of bids in euros, at 0.908 euros per dollar.

SELECT auction, bidder, CAST(price AS DECIMAL(20, 0)) * 0.908 AS price_eur, `dateTime` FROM bid;

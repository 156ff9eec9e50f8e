-- Query 0, pass through: every bid unchanged. Measures the cost of reading and decoding.

SELECT auction, bidder, price, `dateTime`, extra FROM bid;

-- Query 0, pass through: every bid as it came. What reading and decoding cost.

SELECT auction, bidder, price, `dateTime`, extra FROM bid;

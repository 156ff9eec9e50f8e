-- Query 3, local item suggestion: who sells in category 10 and lives in Oregon, Idaho or California.
-- A join of two streams without windows: whichever comes later finds the other.

SELECT seller.name, seller.city, seller.state, item.id
FROM auction AS item
JOIN person AS seller ON item.seller = seller.id
WHERE item.category = 10 AND seller.state IN ('OR', 'ID', 'CA');

-- Query 3, local item suggestion: sellers in category 10 who live in Oregon, Idaho or California.
-- A join of two streams without windows: the later row is joined with the earlier one.

SELECT seller.name, seller.city, seller.state, item.id
FROM auction AS item
JOIN person AS seller ON item.seller = seller.id
WHERE item.category = 10 AND seller.state IN ('OR', 'ID', 'CA');

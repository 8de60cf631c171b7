-- Lets a single statement give itself up: the optimistic strategy updates stock `WHERE version = ...` and orders
-- `WHERE status = 'PENDING'` in one statement, and when either found less than it expected, nothing may stay.
CREATE FUNCTION raise_stock_changed() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the stock or the orders of this batch were changed by another worker'
    USING ERRCODE = 'OS001';
END
$$;

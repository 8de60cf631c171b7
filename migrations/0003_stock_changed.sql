-- Lets a statement fail by itself. The optimistic strategy updates stock `WHERE version = ...` and orders
-- `WHERE status = 'PENDING'` in one statement; when it finds fewer rows than it expects, none of its changes may stay.
CREATE FUNCTION raise_stock_changed() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the stock or the orders of this batch were changed by another worker'
    USING ERRCODE = 'OS001';
END
$$;

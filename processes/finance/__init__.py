"""Domain folder `finance`: instalments, payments, receipts, invoices, wallets, refunds. Others use `api` only."""

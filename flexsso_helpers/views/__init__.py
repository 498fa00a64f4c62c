"""What people see: cards, copy fields, forms, approvals, progress, pictures. Drawing only, nothing is decided here."""

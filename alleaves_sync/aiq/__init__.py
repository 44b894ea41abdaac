"""The storefront: products as it has them, and how they get there."""

"""The torch wing: everything that training needs and running does not."""

"""What a book is: everything the coach asks, as data.

Another guide, or another language, is another book and no code.
"""

from flows.book.load import BookError, load_book
from flows.book.model import Book, Part, Step

__all__ = ["Book", "BookError", "Part", "Step", "load_book"]

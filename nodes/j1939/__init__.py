"""SAE J1939: long messages in one piece, and the trouble codes in them."""

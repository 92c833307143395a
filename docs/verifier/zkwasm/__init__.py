"""An independent verifier of zkWASM proofs, written from docs/spec/ alone."""

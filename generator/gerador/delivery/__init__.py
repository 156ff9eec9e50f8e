"""Record batches to their destination, and what is known of them afterwards."""

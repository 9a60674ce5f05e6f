"""Operations on a revenue profile, with a preview of what they do to the months."""

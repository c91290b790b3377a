"""The provider clients over real HTTP."""

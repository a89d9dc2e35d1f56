"""Names, addresses and domains of a country, the same ones in every process."""

from random import Random

from faker import Faker

Pool = dict[str, list[str]]
_SIZE = 1_500


def pool_of(locale: str, random: Random, kinds: dict[str, str]) -> Pool:
    """Of each kind many values; `kinds` are our names for what the package calls them."""
    fake = Faker(locale)
    fake.seed_instance(random.random())
    for provider in fake.get_providers():
        # The package lists the towns of Italy as a set has them: in another order in each process.
        if hasattr(provider, "cities"):
            provider.cities = sorted(provider.cities)
    return {name: [getattr(fake, kind)() for _ in range(_SIZE)] for name, kind in kinds.items()}

"""The options of Hydra's config group "experiment": modules of chapters, imported when chosen."""

from hydra.core.object_type import ObjectType
from hydra.core.plugins import Plugins
from hydra.plugins.config_source import ConfigResult, ConfigSource
from omegaconf import OmegaConf

from experiments.engine.configure.registry import experiment_modules, schema_in

GROUP = "experiment"


class ExperimentSource(ConfigSource):
    """A source of schemas for Hydra's search path, as "experiments://beyond.experiments".

    An entry such as `/experiment@panels.draws: neuron_response` in a preset then imports that
    experiment's module alone.
    """

    @staticmethod
    def scheme() -> str:
        return "experiments"

    def load_config(self, config_path: str) -> ConfigResult:
        name = _name(config_path)
        schema = schema_in(experiment_modules(self.path, name)[name])
        return ConfigResult(
            provider=self.provider,
            path=self.full_path(),
            config=OmegaConf.structured(schema),
            header={"package": None},
        )

    def available(self) -> bool:
        return True

    def is_group(self, config_path: str) -> bool:
        return config_path.strip("/") == GROUP

    def is_config(self, config_path: str) -> bool:
        name = _name(config_path)
        return config_path.startswith(f"{GROUP}/") and bool(experiment_modules(self.path, name))

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        return sorted(experiment_modules(self.path)) if self.is_group(config_path) else []


def _name(config_path: str) -> str:
    return config_path.rpartition("/")[2].removesuffix(".yaml")


Plugins.instance().register(ExperimentSource)

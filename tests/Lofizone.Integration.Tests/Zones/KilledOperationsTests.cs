using Lofizone.Testing.Hosts;
using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// Every operation of the registry is killed before each of its steps, and the next command finishes the work. These tests cover the
/// operations that need no packages: all points of one operation at the same time, each on a zone of its own. A new operation in the
/// registry fails the test until it has a recipe here or tests elsewhere.
/// </summary>
public sealed class KilledOperationsTests : IAsyncDisposable
{
    /// <summary>Operations that <see cref="KilledCommands"/> and <see cref="KilledMoveTests"/> cover.</summary>
    private static readonly ZoneOperation[] _elsewhere =
        [ZoneOperation.Create, ZoneOperation.Boot, ZoneOperation.Halt, ZoneOperation.Detach, ZoneOperation.Attach, ZoneOperation.Give];

    /// <summary>Operations that are composed of the other operations' steps, except for the note of a boot's own data.</summary>
    private static readonly ZoneOperation[] _composed = [ZoneOperation.Install, ZoneOperation.Take];

    private static readonly Dictionary<string, Recipe> _recipes = new(StringComparer.Ordinal)
    {
        [ZoneOperation.Uninstall.Name] = new(["uninstall", "-F"], ["uninstall", "-F"], "configured"),
        [ZoneOperation.Delete.Name] = new(["delete", "-F"], ["delete", "-F"], null),
        [ZoneOperation.Forget.Name] = new(["delete", "-F"], ["delete", "-F"], null),
        [ZoneOperation.ForcedDetach.Name] = new(["detach", "-F"], ["detach", "-F"], "configured"),
        [ZoneOperation.ForcedHalt.Name] = new(["halt", "-F"], ["halt", "-F"], "installed") { First = ["boot"] },
        [ZoneOperation.Repair.Name] = new(["boot"], ["uninstall", "-F"], "configured") { First = ["boot"], FirstKilledAt = "boot/clone/before" },
        [ZoneOperation.Undo.Name] = new(["install"], ["uninstall", "-F"], "configured")
        {
            First = ["uninstall", "-F"],
            FirstKilledAt = "uninstall/unmount/before",
        },
    };

    private readonly TestHost _host = new();

    public static TheoryData<string> Operations => [.. ZoneOperation.All.Except(_elsewhere).Except(_composed).Select(o => o.Name)];

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task What_a_kill_before_any_step_leaves_is_ended_by_the_next_command(string name)
    {
        Assert.True(_recipes.TryGetValue(name, out Recipe? recipe), $"{name}: is in the registry, and nothing kills it");
        string[] points = [.. KillPoints.Before(ZoneOperation.All.Single(o => o.Name == name))];
        string[] zones = [.. points.Select((_, i) => $"z{i}")];
        TinyZones tiny = new(_host);
        await tiny.AddAsync("base", init: null);
        await tiny.CloneAsync("base", zones);

        await Task.WhenAll(zones.Zip(points, (zone, point) => KillAsync(recipe, zone, point)));
        Assert.Equal("installed", await _host.StateAsync("base"));
        CommandResult[] again = await Task.WhenAll(zones.Select(zone => _host.RunAsync([.. recipe.Again, zone])));

        IReadOnlyDictionary<string, string> states = await _host.StatesAsync();
        Assert.All(zones, (zone, i) => Assert.True(states.GetValueOrDefault(zone) == recipe.Then, $"{points[i]}: {states.GetValueOrDefault(zone)}; {again[i]}"));
        await Task.WhenAll(zones.Select(_host.WaitUntilSettledAsync));
        Assert.Empty(HostTraces.Find(_host.Paths, zones));
    }

    [Fact]
    public void An_operation_without_kills_of_its_own_has_steps_of_others_only()
    {
        IEnumerable<string> known = _elsewhere.SelectMany(KillPoints.StepsOf).Append("device-of-run");
        Assert.Empty(_composed.SelectMany(KillPoints.StepsOf).Except(known));
    }

    private async Task KillAsync(Recipe recipe, string zone, string point)
    {
        if (recipe.FirstKilledAt is { } at)
            AssertKilled(at, await _host.RunKilledAsync(at, [.. recipe.First, zone]));
        else if (recipe.First.Length > 0)
            await _host.RunCheckedAsync([.. recipe.First, zone]);
        AssertKilled(point, await _host.RunKilledAsync(point, [.. recipe.Kill, zone]));
    }

    private static void AssertKilled(string point, CommandResult killed) => Assert.True(killed.WasKilled, $"{point} was not reached: {killed}");

    /// <summary>The way to an operation, and to its end.</summary>
    /// <param name="Kill">The command that is killed in the operation.</param>
    /// <param name="Again">The next command. It may have nothing to do.</param>
    /// <param name="Then">The zone's state at the end; null when there is no zone.</param>
    private sealed record Recipe(string[] Kill, string[] Again, string? Then)
    {
        /// <summary>The command before the killed command.</summary>
        public string[] First { get; init; } = [];

        /// <summary>The point at which the earlier command is killed; null for a command that succeeds.</summary>
        public string? FirstKilledAt { get; init; }
    }
}

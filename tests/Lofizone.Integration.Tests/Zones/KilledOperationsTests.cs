using Lofizone.Testing.Hosts;
using Lofizone.Zones;

namespace Lofizone.Integration.Tests.Zones;

/// <summary>
/// Every operation of the registry is killed before each of its steps, and the next command finishes the work. These tests cover the
/// operations that need no packages: all points of one operation at the same time, each on a zone of its own. A new operation or step in
/// the registry fails a test until it is killed here or elsewhere.
/// </summary>
public sealed class KilledOperationsTests : IAsyncDisposable
{
    private const string Packages = "Package: dpkg\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n";

    /// <summary>The points at which <see cref="KilledCommands"/> and <see cref="KilledMoveTests"/> kill.</summary>
    private static readonly string[] _killedElsewhere =
    [
        .. new[]
        {
            KilledCreateOnDirTests.PointsBefore, KilledBootAndHaltOnDirTests.BootPoints, KilledBootAndHaltOnDirTests.HaltPoints,
            RenameTests.Points, KilledMoveTests.DetachPoints, KilledMoveTests.AttachPoints, KilledMoveTests.GivePoints,
        }.SelectMany(points => points.Select(point => point.Data)),
    ];

    private static readonly Dictionary<string, Recipe> _recipes = new(StringComparer.Ordinal)
    {
        [ZoneOperation.Uninstall.Name] = new(["uninstall", "-F"], ["uninstall", "-F"], "configured"),
        [ZoneOperation.Delete.Name] = new(["delete", "-F"], ["delete", "-F"], null),
        [ZoneOperation.Forget.Name] = new(["delete", "-F"], ["delete", "-F"], null),
        [ZoneOperation.ForcedDetach.Name] = new(["detach", "-F"], ["detach", "-F"], "configured"),
        [ZoneOperation.HaltNow.Name] = new(["halt", "--now"], ["halt", "--now"], "installed") { First = ["boot"] },
        [ZoneOperation.Ready.Name] = new(["ready"], ["uninstall", "-F"], "configured"),
        [ZoneOperation.BootReady.Name] = new(["boot"], ["halt", "-F"], "installed") { First = ["ready"] },
        [ZoneOperation.ForcedHalt.Name] = new(["halt", "-F"], ["halt", "-F"], "installed") { First = ["boot"] },
        [ZoneOperation.Mark.Name] = new(["zoneadm", "mark", "incomplete", "-z"], ["uninstall", "-F"], "configured"),
        [ZoneOperation.Repair.Name] = new(["boot"], ["uninstall", "-F"], "configured") { First = ["boot"], FirstKilledAt = "boot/clone/before" },
        [ZoneOperation.Undo.Name] = new(["install"], ["uninstall", "-F"], "configured")
        {
            First = ["uninstall", "-F"],
            FirstKilledAt = "uninstall/unmount/before",
        },
    };

    private readonly TestHost _host = new();

    public static TheoryData<string> Operations => [.. _recipes.Keys];

    /// <summary>Steps of a take that are neither an attach's nor a boot's.</summary>
    public static TheoryData<string> PointsOfTake => [.. KillPoints.Before(ZoneOperation.Take).Where(point => !IsKilledInAnother(point))];

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task What_a_kill_before_any_step_leaves_is_ended_by_the_next_command(string name)
    {
        Recipe recipe = _recipes[name];
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

    /// <summary>A take also ends a move that failed: on the host that gave the zone away.</summary>
    [Theory]
    [MemberData(nameof(PointsOfTake))]
    public async Task What_a_take_leaves_that_is_killed_at_a_step_of_its_own_is_ended_by_the_next_boot(string point)
    {
        const string Zone = "base";
        await using TestHost there = new();
        await new TinyZones(_host).AddAsync(Zone, init: null, ("var/lib/dpkg/status", Packages));
        await _host.RunCheckedAsync("boot", Zone);
        string peer = await MovePeer.ProgramAsync(there, killAt: KillPoints.Before(ZoneOperation.Take).First());

        AssertKilled(point, await _host.RunKilledAsync(point, "move", Zone, "there", "-F", "--accept", "--ssh", peer));
        Assert.Equal("down", await _host.StateAsync(Zone));
        await _host.RunCheckedAsync("boot", Zone);
        Assert.Equal("running", await _host.StateAsync(Zone));
        await _host.RunCheckedAsync("halt", Zone);
        await _host.WaitUntilSettledAsync(Zone);
        Assert.Empty(HostTraces.Find(_host.Paths, Zone));
    }

    /// <summary>
    /// An install is the steps of a create, and a take those of an attach and a boot. Such a step is killed once, in the other operation.
    /// </summary>
    [Fact]
    public void Every_step_of_every_operation_is_killed()
    {
        string[] killed = [.. ZoneOperation.All.Where(o => _recipes.ContainsKey(o.Name)).SelectMany(KillPoints.Before), .. PointsOfTake.Select(p => p.Data)];
        ZoneOperation[] composed = [ZoneOperation.Install, ZoneOperation.Take];
        Assert.Empty(ZoneOperation.All.Except(composed).SelectMany(KillPoints.Before).Except(_killedElsewhere).Except(killed));
        Assert.DoesNotContain(composed.SelectMany(KillPoints.Before).Except(killed), point => !IsKilledInAnother(point));
    }

    /// <summary>Another operation is killed at its step of that name.</summary>
    private static bool IsKilledInAnother(string point) =>
        _killedElsewhere.Any(other => other[other.IndexOf('/', StringComparison.Ordinal)..] == point[point.IndexOf('/', StringComparison.Ordinal)..]);

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

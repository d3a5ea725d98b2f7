using Lofizone.Config;
using Lofizone.Zones;

namespace Lofizone.Tests.Zones;

public sealed class ZoneOrderTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromMinutes(10);

    [Fact]
    public void A_zone_is_booted_after_the_zones_that_it_depends_on_and_halted_before_them()
    {
        ZoneOrder boot = new([Zone("web", "db,ldap"), Zone("db"), Zone("ldap")]);
        Assert.Equal(["db", "ldap"], Of(boot.ForBoot(_limit), "web").After);
        Assert.Empty(Of(boot.ForBoot(_limit), "db").After);

        ZoneOrder halt = new([Zone("web", "db", ZoneState.Running), Zone("db", null, ZoneState.Running), Zone("app", "db")]);
        Assert.Equal(["web"], Of(halt.ForHalt(_ => _limit), "db").After);
        Assert.Empty(Of(halt.ForHalt(_ => _limit), "web").After);
        Assert.DoesNotContain(halt.ForHalt(_ => _limit), z => z.Zone == "app");
    }

    [Fact]
    public void A_higher_priority_goes_first_at_the_start_and_last_at_the_stop()
    {
        ZoneStatus[] zones = [Zone("l", priority: "low"), Zone("d"), Zone("h", priority: "high")];
        Assert.Equal(["h", "d", "l"], new ZoneOrder(zones).ForBoot(_limit).OrderBy(z => z.Rank).Select(z => z.Zone));
        zones = [.. zones.Select(z => z with { State = ZoneState.Running })];
        Assert.Equal(["l", "d", "h"], new ZoneOrder(zones).ForHalt(_ => _limit).OrderBy(z => z.Rank).Select(z => z.Zone));
    }

    [Fact]
    public void A_zone_that_a_zone_of_high_priority_waits_for_has_that_priority()
    {
        IReadOnlyList<ScheduledZone> zones = new ZoneOrder([Zone("web", "db", priority: "high"), Zone("db", "disk", priority: "low"), Zone("disk")]).ForBoot(_limit);
        Assert.Single(zones.Select(z => z.Rank).Distinct());
    }

    [Theory]
    [InlineData(null, "is not a zone of this host", "bring db here, or change boot-dependency; then zone boot web")]
    [InlineData(ZoneState.Configured, "is configured", "zone boot db; then zone boot web")]
    [InlineData(ZoneState.Fenced, "is fenced", "zone boot db; then zone boot web")]
    public void A_zone_is_not_booted_when_what_it_depends_on_can_not_be(ZoneState? state, string why, string advice)
    {
        LofizoneException obstacle = Of(new ZoneOrder([Zone("web", "db"), .. state is { } s ? [Zone("db", state: s)] : (ZoneStatus[])[]]).ForBoot(_limit), "web").Obstacle!;
        Assert.Equal(($"web: not booted: it depends on zone db (boot-dependency), which {why}", advice), (obstacle.Message, obstacle.Advice));
    }

    [Fact]
    public void A_zone_without_autoboot_is_a_dependency_only_while_it_runs()
    {
        ZoneStatus db = Zone("db", autoboot: false);
        ScheduledZone web = Of(new ZoneOrder([Zone("web", "db"), db]).ForBoot(_limit), "web");
        Assert.EndsWith("which is installed and has autoboot=false", web.Obstacle!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(new ZoneOrder([Zone("web", "db"), db]).ForBoot(_limit), z => z.Zone == "db");
        Assert.Null(Of(new ZoneOrder([Zone("web", "db"), db with { State = ZoneState.Running }]).ForBoot(_limit), "web").Obstacle);
    }

    [Fact]
    public void Zones_in_a_circle_are_told_and_their_other_dependencies_count()
    {
        ZoneOrder order = new([Zone("a", "b"), Zone("b", "c,base"), Zone("c", "a"), Zone("base"), Zone("user", "a"), Zone("x", "y"), Zone("y", "x")]);
        Assert.Equal([["a", "b", "c"], ["x", "y"]], order.Cycles);
        IReadOnlyList<ScheduledZone> zones = order.ForBoot(_limit);
        Assert.Empty(Of(zones, "a").After);
        Assert.Equal(["base"], Of(zones, "b").After);
        Assert.Equal(["a"], Of(zones, "user").After);
        Assert.Equal(["b"], order.DependentsOf("base"));
    }

    private static ScheduledZone Of(IEnumerable<ScheduledZone> zones, string name) => Assert.Single(zones, z => z.Zone == name);

    private static ZoneStatus Zone(
        string name, string? needs = null, ZoneState state = ZoneState.Installed, string priority = "default", bool autoboot = true)
    {
        ZoneConfig config = GlobalProperties.BootPriority.With(new ZoneConfig { Name = name, Autoboot = autoboot }, priority);
        if (needs is not null)
            config = GlobalProperties.BootDependency.With(config, needs);
        ZoneRecord record = new() { Version = ZoneRecord.CurrentVersion, Config = config, State = ZoneState.Installed, UidBase = 0 };
        return new ZoneStatus(record, null, state);
    }
}

using Lofizone.Install.Dpkg;

namespace Lofizone.Install;

/// <summary>
/// The order in which packages are initialised: each package after its dependencies, as dpkg would configure them. Dependencies may form
/// circles. The packages of a circle stand together (Tarjan's strongly connected components), ordered by Pre-Depends and then by name.
/// </summary>
internal static class InitializationOrder
{
    /// <returns>Groups in order. A group of several packages is a circle.</returns>
    public static IReadOnlyList<IReadOnlyList<PackageRecord>> Compute(PackageDatabase database, IReadOnlyList<PackageRecord> packages)
    {
        List<IReadOnlyList<PackageRecord>> order = [];
        foreach (IReadOnlyList<PackageRecord> circle in Components(
            packages, p => DependenciesOf(database, p, p.PreDepends.Concat(p.Depends))))
        {
            IEnumerable<PackageRecord> inside = circle.Count == 1
                ? circle
                : Components([.. circle.OrderBy(p => p.Name, StringComparer.Ordinal)], p => DependenciesOf(database, p, p.PreDepends))
                    .SelectMany(c => c);
            order.Add([.. inside]);
        }

        return order;
    }

    private static IEnumerable<PackageRecord> DependenciesOf(
        PackageDatabase database, PackageRecord package, IEnumerable<Relation> relations) =>
        relations.Select(r => PackageClosure.Satisfy(database, package, r));

    /// <summary>
    /// Tarjan's algorithm with a stack of its own. A chain of dependencies as long as the package list must not overflow the thread's
    /// stack.
    /// </summary>
    private static List<IReadOnlyList<PackageRecord>> Components(
        IReadOnlyList<PackageRecord> nodes, Func<PackageRecord, IEnumerable<PackageRecord>> edges)
    {
        HashSet<string> members = [.. nodes.Select(n => n.Name)];
        Dictionary<string, (int Index, int Low, bool Open)> state = new(StringComparer.Ordinal);
        Stack<PackageRecord> open = new();
        List<IReadOnlyList<PackageRecord>> components = [];
        foreach (PackageRecord start in nodes.Where(n => !state.ContainsKey(n.Name)))
        {
            Stack<(PackageRecord Node, IEnumerator<PackageRecord> Next)> visits = new();
            Enter(start);
            while (visits.TryPeek(out (PackageRecord Node, IEnumerator<PackageRecord> Next) visit))
            {
                (int index, int low, bool _) = state[visit.Node.Name];
                if (visit.Next.MoveNext())
                {
                    PackageRecord next = visit.Next.Current;
                    if (!members.Contains(next.Name))
                        continue;
                    if (!state.TryGetValue(next.Name, out (int Index, int Low, bool Open) seen))
                        Enter(next);
                    else if (seen.Open)
                        state[visit.Node.Name] = (index, Math.Min(low, seen.Index), true);
                    continue;
                }

                visits.Pop();
                if (visits.TryPeek(out (PackageRecord Node, IEnumerator<PackageRecord> Next) parent))
                {
                    (int parentIndex, int parentLow, bool parentOpen) = state[parent.Node.Name];
                    state[parent.Node.Name] = (parentIndex, Math.Min(parentLow, low), parentOpen);
                }

                if (low == index)
                    components.Add(Close(visit.Node));
            }

            void Enter(PackageRecord node)
            {
                state[node.Name] = (state.Count, state.Count, true);
                open.Push(node);
                visits.Push((node, edges(node).GetEnumerator()));
            }
        }

        return components;

        List<PackageRecord> Close(PackageRecord root)
        {
            List<PackageRecord> component = [];
            PackageRecord member;
            do
            {
                member = open.Pop();
                (int index, int low, _) = state[member.Name];
                state[member.Name] = (index, low, false);
                component.Add(member);
            }
            while (member.Name != root.Name);
            return component;
        }
    }
}
